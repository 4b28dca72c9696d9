/** The steps of a script of a test, one a line; a step that fails is named. */
export function forEachStep(text: string, run: (step: string) => void): void {
  for (const line of text.split('\n')) {
    const step = line.trim();
    if (step === '') continue;
    try {
      run(step);
    } catch (error) {
      if (error instanceof Error) error.message = `at "${step}": ${error.message}`;
      throw error;
    }
  }
}
