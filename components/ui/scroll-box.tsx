/** A box that scrolls: reachable and named for the keyboard, but no landmark of its own. */
import type { ComponentProps } from 'react';

export function ScrollBox({ className = '', ...props }: ComponentProps<'div'> & { 'aria-label': string }) {
  // Its focus ring lies within: around it, it would be cut off by what holds the box.
  const classes = `-outline-offset-2 ${className}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would be a form
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box must be reachable by keyboard
    <div role="group" tabIndex={0} className={classes} {...props} />
  );
}
