/** Compiles a cell to one async function whose top-level names are properties of the notebook's scope object. */
import vm from 'node:vm';
import { CellRewriter } from './cell-rewriter.ts';
import { type CellImport, cellRuntime } from './cell-runtime.ts';
import type { CellScope, CompileCellOptions, CompiledCell } from './closure.ts';
import { EditList } from './edit-list.ts';
import { assignedInFunctions } from './hot-loop.ts';
import { parseCell, syntaxErrorAt } from './parse.ts';
import { analyze } from './scope-walk.ts';
import { registerScript, ScriptPositions } from './script-positions.ts';
import { contentHash, lineStarts, originalPosition, positionAt, toJavaScript } from './source-text.ts';
import { tagRuntime } from './tag.ts';
import { FunctionTagger, walkTree } from './tag-functions.ts';

export { CellInterrupted } from './cell-runtime.ts';

const PARAMETERS = [
  '$$$s',
  '$$$t',
  '$$$c',
  '$$$m',
  '$$$u',
  '$$$n',
  '$$$i',
  '$$$z',
  '$$$k',
  '$$$w',
  '$$$d',
  '$$$e',
  '$$$p',
];

type CellFunction = (...args: unknown[]) => Promise<unknown>;

/** By notebook: an old function may outlive its cell's text, so names are only ever added. */
const assignedByFile = new Map<string, Set<string>>();

export function compileCell(source: string, options: CompileCellOptions): CompiledCell {
  const { cellId, file } = options;
  const text = toJavaScript(source, { file: `cell:${cellId}`, cellId });
  const program = parseCell(text);
  const analysis = analyze(program);
  const assigned = assignedByFile.get(file) ?? new Set();
  assignedByFile.set(file, assigned);
  for (const name of assignedInFunctions(analysis)) assigned.add(name);
  const edits = new EditList(text.text);
  const tagger: FunctionTagger = new FunctionTagger({
    source: text,
    analysis,
    edits,
    lateNames: true,
    ownsTopLevel: true,
    read: (capture) => rewriter.captureExpression(capture.name, capture.fn),
  });
  const rewriter = new CellRewriter({
    source: text,
    analysis,
    edits,
    tagger,
    scopeNames: new Set(options.scopeNames),
    assignedByFunctions: assigned,
  });
  walkTree(program, program, [rewriter, tagger]);
  const edited = edits.apply();
  const positions = new ScriptPositions(text, edited, rewriter.calls);
  const script = `cell:${cellId}#${contentHash(edited.text).slice(0, 8)}`;
  registerScript(script, positions);

  let compiled: CellFunction;
  try {
    compiled = vm.compileFunction(edited.text, PARAMETERS, { filename: script }) as CellFunction;
  } catch (error) {
    throw syntaxErrorAt(error, text, script, (position) => positions.map(position));
  }

  const starts = lineStarts(text.text);
  const imports: CellImport[] = rewriter.imports.map(({ at, ...each }) => ({
    ...each,
    position: originalPosition(text, positionAt(starts, at)),
  }));

  return {
    cellId,
    definitions: rewriter.definitions(),
    references: rewriter.unresolved(),
    imports: imports.map((each) => each.specifier),
    code: edited.text,
    mapPosition: (line, column) => positions.map({ line, column }),
    run(scope: CellScope, check: () => void): Promise<unknown> {
      const run = cellRuntime(scope, { file, cellId, imports, check });
      return compiled(
        scope,
        tagRuntime.tag,
        tagRuntime.tagClass,
        tagRuntime.tagMethods,
        tagger.units,
        tagRuntime.missing,
        run.check,
        run.tooEarly,
        run.constants,
        run.writable,
        run.dynamicImport,
        run.meta,
        run.runImports,
      );
    },
  };
}
