'use client';
/**
 * The Monaco editor of one cell. Until it is near the viewport and Monaco is there, the text stands in its place
 * with the same metrics, so nothing moves. The only component that imports Monaco.
 */
import type { editor as MonacoApi } from 'monaco-editor/editor';
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTheme } from '../theme/use-theme.ts';
import { applyText, createEditor, type EditorKeys } from './create-editor.ts';
import { loadMonaco, type Monaco } from './monaco.ts';
import { editorTheme } from './monaco-theme.ts';
import type { FocusRequest } from './notebook-ui.ts';

export interface LineMark {
  line: number;
  message: string;
}

export interface CellEditorProps extends EditorKeys {
  value: string;
  language: 'typescript' | 'markdown';
  /** The accessible name of the text box. */
  label: string;
  focus: FocusRequest | undefined;
  errorMarks: readonly LineMark[];
  onChange: (source: string) => void;
  onFocus: () => void;
}

const LINE_HEIGHT = 20;
const PADDING = 8;

/** True from the moment the element comes near the viewport, or is asked for. */
function useWanted(ref: React.RefObject<HTMLElement | null>, asked: boolean): boolean {
  const [near, setNear] = useState(false);
  useEffect(() => {
    if (asked) setNear(true);
    if (!ref.current || near || asked) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && setNear(true),
      { rootMargin: '400px' },
    );
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [ref, near, asked]);
  return near;
}

export function CellEditor(props: CellEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const [mounted, setMounted] = useState<{ monaco: Monaco; editor: MonacoApi.IStandaloneCodeEditor }>();
  const [failed, setFailed] = useState(false);
  const theme = useTheme();
  const wanted = useWanted(box, props.focus?.target === 'editor');
  const { value, language, label, focus, errorMarks } = props;

  useEffect(() => {
    if (!wanted) return;
    let current = true;
    let dispose: (() => void) | undefined;
    loadMonaco()
      .then((monaco) => {
        if (!current || !host.current) return;
        const editor = createEditor(monaco, host.current, latest);
        dispose = () => editor.dispose();
        // In the same frame the text that stood in its place goes.
        flushSync(() => setMounted({ monaco, editor }));
      })
      .catch((error: unknown) => {
        console.error(error);
        if (current) setFailed(true);
      });
    return () => {
      current = false;
      dispose?.();
      setMounted(undefined);
    };
  }, [wanted]);

  useEffect(() => mounted?.monaco.editor.setTheme(editorTheme(theme)), [mounted, theme]);

  useEffect(() => {
    const model = mounted?.editor.getModel();
    if (model) mounted?.monaco.editor.setModelLanguage(model, language);
  }, [mounted, language]);

  useEffect(() => mounted?.editor.updateOptions({ ariaLabel: label }), [mounted, label]);

  useEffect(() => {
    if (mounted) applyText(mounted.editor, value);
  }, [mounted, value]);

  useEffect(() => {
    if (!mounted || focus?.target !== 'editor') return;
    mounted.editor.focus();
    if (focus.line === undefined) return;
    mounted.editor.setPosition({ lineNumber: focus.line, column: focus.column ?? 1 });
    mounted.editor.revealLineInCenterIfOutsideViewport(focus.line);
    box.current?.scrollIntoView({ block: 'nearest' });
  }, [mounted, focus]);

  useEffect(() => {
    if (!mounted || errorMarks.length === 0) return;
    const marks = mounted.editor.createDecorationsCollection(
      errorMarks.map(({ line, message }) => ({
        range: { startLineNumber: line, startColumn: 1, endLineNumber: line, endColumn: 1 },
        options: {
          isWholeLine: true,
          className: 'cell-error-line',
          linesDecorationsClassName: 'cell-error-bar',
          hoverMessage: { value: message.replace(/[\\`*_{}[\]()#+\-.!<>|]/g, '\\$&') },
        },
      })),
    );
    return () => marks.clear();
  }, [mounted, errorMarks]);

  const height = value.split('\n').length * LINE_HEIGHT + 2 * PADDING;
  return (
    <div ref={box} className="cell-editor relative" style={mounted ? undefined : { minHeight: height }}>
      {!mounted && (
        <pre
          className="overflow-hidden py-2 pr-3 pl-[26px] text-[13px] leading-5"
          data-failed={failed || undefined}
        >
          {value || ' '}
        </pre>
      )}
      {failed && (
        <p className="px-3 pb-2 text-bad text-xs">The editor could not be loaded. Reload the page to edit.</p>
      )}
      <div ref={host} className={mounted ? '' : 'absolute inset-x-0 top-0 h-0 overflow-hidden'} />
    </div>
  );
}
