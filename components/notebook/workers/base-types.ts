/** The declarations that every notebook has: the engine's public names and Node's, as `scripts/page-types.mjs` wrote them. */

export const LIBRARY_FOLDER = 'file:///stagelight';
const NODE_TYPES = 'node_modules/@types/node/index.d.ts';

export interface BaseTypesFile {
  /** The path of the globals' declaration among the files. */
  globals: string;
  files: Record<string, string>;
}

export interface BaseTypes {
  files: ReadonlyMap<string, string>;
  folders: ReadonlySet<string>;
  /** The files a program begins with; Node's types among them unless the notebook's folder has its own. */
  roots(withNode: boolean): string[];
}

export const NO_BASE_TYPES: BaseTypes = { files: new Map(), folders: new Set(), roots: () => [] };

export function makeBaseTypes({ globals, files }: BaseTypesFile): BaseTypes {
  const byName = new Map(Object.entries(files).map(([path, text]) => [`${LIBRARY_FOLDER}/${path}`, text]));
  const folders = new Set<string>();
  for (const name of byName.keys()) {
    for (let at = name.lastIndexOf('/'); at >= LIBRARY_FOLDER.length; at = name.lastIndexOf('/', at - 1))
      folders.add(name.slice(0, at));
  }
  const node = `${LIBRARY_FOLDER}/${NODE_TYPES}`;
  return {
    files: byName,
    folders,
    roots: (withNode) => [`${LIBRARY_FOLDER}/${globals}`, ...(withNode && byName.has(node) ? [node] : [])],
  };
}
