/** A user's HTML as it is served: in standards mode, and able to tell its height. */
import { expect, test } from 'vitest';
import { htmlDocument, RichOutputs } from './rich-outputs.ts';

test('HTML gets a doctype unless it has one, and the script that tells its height', () => {
  expect(htmlDocument('<b>x</b>')).toMatch(
    /^<!doctype html>\n<b>x<\/b>\n<script>.*stagelightHeight.*<\/script>$/s,
  );
  expect(htmlDocument('\n<!DOCTYPE html><p>')).toMatch(/^\n<!DOCTYPE html><p>\n<script>/);
});

test('viewers get an address, and the address the document', () => {
  const outputs = new RichOutputs();
  const shown = outputs.forViewer({ kind: 'html', html: '<i>x</i>' });
  if (shown.kind !== 'html') return expect.unreachable();
  expect(shown.html).toBe('');
  expect(outputs.get(shown.url!.replace('/output/', ''))?.body).toBe(htmlDocument('<i>x</i>'));
});
