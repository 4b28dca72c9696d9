/**
 * Monaco takes more than 200 text models for a leak and reports an error, and more than 500 again: each model listens to
 * the languages and to how they are configured for as long as it lives. A notebook of 600 cells has as many, on purpose.
 * The limits are no settings, hence this look inside; monaco-editor is pinned to one version.
 */
import { ILanguageService } from 'monaco-editor/editor/common/languages/language';
import { ILanguageConfigurationService } from 'monaco-editor/editor/common/languages/languageConfigurationRegistry';
import { StandaloneServices } from 'monaco-editor/editor/standalone/browser/standaloneServices';
import { IConfigurationService } from 'monaco-editor/platform/configuration/common/configuration';

interface Emitter {
  _leakWarningThreshold?: number;
}

interface Settings {
  updateValue(key: string, value: unknown): Promise<void>;
}

export function allowManyModels(): void {
  const languages = StandaloneServices.get(ILanguageService) as { _onDidChange?: Emitter };
  const configurations = StandaloneServices.get(ILanguageConfigurationService) as {
    getLanguageConfiguration(languageId: string): unknown;
    onDidChangeEmitter?: Emitter;
  };
  // Until it is first used it stands in for itself, and takes what is named like an event for one.
  configurations.getLanguageConfiguration('typescript');
  for (const emitter of [languages._onDidChange, configurations.onDidChangeEmitter])
    if (emitter) emitter._leakWarningThreshold = undefined;
  // Unset, each new editor would set it anew for the whole of Monaco, and every model be asked whether that concerns it:
  // with 4,000 models, seconds of work.
  const settings = StandaloneServices.get(IConfigurationService) as Settings;
  void settings.updateValue('accessibility.verbosity.inlineCompletions', false);
}
