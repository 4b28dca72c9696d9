/** A box that scrolls: reachable and named for the keyboard, but no landmark of its own. */
import type { ComponentProps } from 'react';

export function ScrollBox(props: ComponentProps<'div'> & { 'aria-label': string }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
    <div role="group" tabIndex={0} {...props} />
  );
}
