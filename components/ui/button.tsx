/** The one button: primary, plain, quiet (no border until hovered), danger. */
import type { ComponentProps } from 'react';

const VARIANTS = {
  primary: 'border-accent bg-accent font-semibold text-accent-ink hover:brightness-110',
  plain: 'border-line bg-surface text-ink hover:bg-hover',
  quiet: 'border-transparent bg-transparent text-ink-2 hover:bg-hover hover:text-ink aria-pressed:bg-hover',
  danger: 'border-bad bg-surface text-bad hover:bg-bad-soft',
} as const;

const SIZES = {
  md: 'h-7 px-2.5 text-sm gap-1.5 min-w-7',
  sm: 'h-6 px-1.5 text-xs gap-1 min-w-6',
} as const;

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: keyof typeof VARIANTS;
  size?: keyof typeof SIZES;
}

/** Also for a link that looks like a button. */
export function buttonClass(
  variant: keyof typeof VARIANTS = 'plain',
  size: keyof typeof SIZES = 'md',
): string {
  return `inline-flex shrink-0 items-center justify-center whitespace-nowrap rounded-md border transition-colors disabled:cursor-not-allowed disabled:opacity-50 ${VARIANTS[variant]} ${SIZES[size]}`;
}

export function Button({ variant, size, className = '', ...props }: ButtonProps) {
  return <button type="button" {...props} className={`${buttonClass(variant, size)} ${className}`} />;
}
