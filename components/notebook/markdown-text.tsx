/** Markdown as rendered text. Raw HTML in it is shown as text, never run. */
import { memo } from 'react';
import Markdown, { type Components, defaultUrlTransform } from 'react-markdown';
import remarkGfm from 'remark-gfm';

const PLUGINS = [remarkGfm];

/** Pictures inside the text (attachments of a Jupyter notebook) besides the addresses that are always allowed. */
function safeUrl(url: string, attribute: string): string {
  const isPicture = attribute === 'src' && /^data:image\/(png|jpeg|gif|webp|svg\+xml);base64,/.test(url);
  return isPicture ? url : defaultUrlTransform(url);
}

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} {...(href?.startsWith('#') ? {} : { target: '_blank', rel: 'noopener noreferrer' })}>
      {children}
    </a>
  ),
  input: ({ checked }) => (
    <input
      type="checkbox"
      checked={checked ?? false}
      readOnly
      disabled
      aria-label={checked ? 'done' : 'open'}
    />
  ),
};

export const MarkdownText = memo(function MarkdownText({ text }: { text: string }) {
  return (
    <div className="prose">
      <Markdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={safeUrl}>
        {text}
      </Markdown>
    </div>
  );
});
