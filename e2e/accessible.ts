/** What the stories ask of a page for everybody: no WCAG A or AA violations, in the light and in the dark scheme. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** All rules; then, of the same page in the other scheme, those that look at colours. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];
const LOOKS = [
  { colorScheme: 'light', rules: undefined },
  { colorScheme: 'dark', rules: COLOUR_RULES },
] as const;

async function violations(page: Page, within?: string, rules?: readonly string[]): Promise<string[]> {
  // In the page itself, not in a new page that puts the findings of frames together: those of outputs are of another
  // origin, which nothing looks into.
  let axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  axe = rules ? axe.withRules([...rules]) : axe.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']);
  if (within) axe = axe.include(within);
  const { violations: found } = await axe.analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 120)} ${node.failureSummary}`),
  );
}

/** `what` names the state in a failure; `within` is a selector, for pages of which all else was looked at before. */
export async function expectAccessible(page: Page, what: string, within?: string): Promise<void> {
  for (const { colorScheme, rules } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator(`html:not([data-theme]), html[data-theme="${colorScheme}"]`)).toBeAttached();
    expect(await violations(page, within, rules), `${what}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** At the width of the window nothing is wider than it. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const width = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await expect.poll(width, 'the page scrolls sideways').toBeLessThanOrEqual(0);
}
