/** A number of bytes as messages show it. */
export function megabytes(bytes: number): string {
  const mb = bytes / 1024 ** 2;
  return `${mb < 10 ? mb.toFixed(1) : Math.round(mb)} MB`;
}
