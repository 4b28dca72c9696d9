/**
 * Monaco takes more than 200 text models for a leak and reports an error. A notebook of 300 cells has as many, on
 * purpose. The limit is no setting, hence this look inside; monaco-editor is pinned to one version.
 */
import { ILanguageService } from 'monaco-editor/editor/common/languages/language';
import { StandaloneServices } from 'monaco-editor/editor/standalone/browser/standaloneServices';

interface Watched {
  _onDidChange?: { _leakWarningThreshold?: number };
}

export function allowManyModels(): void {
  const emitter = (StandaloneServices.get(ILanguageService) as Watched)._onDidChange;
  if (emitter) emitter._leakWarningThreshold = undefined;
}
