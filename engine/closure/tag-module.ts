/** A user's module as a module whose functions carry their code and captures. */
import { EditList } from './edit-list.ts';
import { parseProgram } from './parse.ts';
import { analyze } from './scope-walk.ts';
import { IMPORT_META } from './scopes.ts';
import { type CallRange, indexCall, ScriptPositions } from './script-positions.ts';
import { toJavaScript } from './source-text.ts';
import { RUNTIME_EXPRESSION, unitsToJson } from './tag.ts';
import { FunctionTagger, walkTree } from './tag-functions.ts';

export interface TaggedModule {
  code: string;
  positions: ScriptPositions;
}

/** `file` is the path shown to the user, and the place packages resolve from. */
export function tagModule(text: string, file: string): TaggedModule {
  const source = toJavaScript(text, { file });
  const program = parseProgram(source);
  const analysis = analyze(program);
  const edits = new EditList(source.text);
  const tagger = new FunctionTagger({
    source,
    analysis,
    edits,
    lateNames: false,
    ownsTopLevel: false,
    read: ({ name }) => (name === IMPORT_META ? 'import.meta' : name),
  });
  const calls = new Map<number, CallRange>();
  const indexer = {
    enter: (node: Parameters<typeof indexCall>[0]) => indexCall(node, source.text, calls),
    leave: () => {},
  };
  walkTree(program, program, [indexer, tagger]);
  if (tagger.units.length > 0) {
    const units = JSON.stringify(unitsToJson(source, tagger.units));
    edits.insertFirst(
      0,
      `const $$$r=${RUNTIME_EXPRESSION},$$$t=$$$r.tag,$$$c=$$$r.tagClass,$$$m=$$$r.tagMethods,$$$u=$$$r.units(${units});`,
    );
  }
  const edited = edits.apply();
  return { code: edited.text, positions: new ScriptPositions(source, edited, calls) };
}
