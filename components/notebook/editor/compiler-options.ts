/**
 * How cells are checked: strictly, but an error that was caught may be used as it is (the reports of implicit `any` are
 * dropped: `engine/cell-chain.ts`). The numbers are TypeScript's own: ESNext, and resolution as bundlers do.
 */
export const COMPILER_OPTIONS = {
  target: 99,
  module: 99,
  moduleResolution: 100,
  lib: ['esnext'],
  types: [] as string[],
  strict: true,
  useUnknownInCatchVariables: false,
  allowJs: true,
  checkJs: false,
  noEmit: true,
  skipLibCheck: true,
  resolveJsonModule: true,
  allowImportingTsExtensions: true,
  allowNonTsExtensions: true,
  allowSyntheticDefaultImports: true,
  esModuleInterop: true,
};
