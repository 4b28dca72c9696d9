/** The modules that a text imports, by its looks: what stands in a comment or a string may be among them. */
const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)(["'])([^"'\n\\]{1,300})\1/g;

export function importSpecifiers(text: string): string[] {
  if (!text.includes('import') && !text.includes('from')) return [];
  const found = [...text.matchAll(IMPORT)].map(([, , specifier]) => specifier!);
  return [...new Set(found)].filter((each) => !each.startsWith('node:'));
}
