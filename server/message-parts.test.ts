import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageParts } from './message-parts.ts';

test('the parts are the reply again, each valid text of bounded length', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' }), { maxLength: 30 }),
      fc.integer({ min: 2, max: 40 }),
      (texts, max) => {
        const parts = messageParts({ texts }, max);
        if (parts === undefined) {
          expect(JSON.stringify({ texts }).length).toBeLessThanOrEqual(max);
          return;
        }
        expect(parts.every((part) => part.length <= max && part.length > 0)).toBe(true);
        const sent = parts.map((part) => Buffer.from(part, 'utf8').toString('utf8')).join('');
        expect(JSON.parse(sent)).toEqual(JSON.parse(JSON.stringify({ texts })));
      },
    ),
  );
});
