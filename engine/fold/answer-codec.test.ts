import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FoldQuery } from '../viewer-protocol.ts';
import { type PackedAnswer, packAnswer, unpackAnswer } from './answer-codec.ts';
import { generateEvents } from './event-generator.ts';
import { createViewState, fold } from './fold.ts';
import { packRecords, unpackRecords } from './packed-records.ts';
import { answerQuery } from './queries.ts';

const now = 1_800_000_100_000;

/** As it arrives: what is undefined is not there. */
const sent = <T>(value: T): T => JSON.parse(JSON.stringify(value));

test('an answer comes out of its packed form as it went in, at any zoom, and smaller', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const lanes = fc.constantFrom('executor' as const, 'partition' as const);
  const seeds = fc.integer({ min: 0, max: 49 });
  fc.assert(
    fc.property(seeds, share, share, fc.integer({ min: 1, max: 2_000 }), lanes, (seed, a, b, width, by) => {
      const state = createViewState('b');
      for (const event of generateEvents({ seed, unfinished: seed % 2 === 0, jobs: 3, tasksPerStage: 80 }))
        fold(state, event, { tasks: true });
      const whole = answerQuery(state, { type: 'timeline', lanes: by, width }, now);
      const [first, last] = whole.type === 'timeline' ? whole.extent : [0, 0];
      const from = first + Math.min(a, b) * (last - first);
      const to = first + Math.max(a, b) * (last - first) + 0.01;
      const queries: FoldQuery[] = [{ type: 'timeline', lanes: by, width, from, to }];
      for (const { info } of state.stages.values()) {
        const stage = { stageId: info.stageId, attempt: info.attempt };
        queries.push(
          { type: 'stageTasks', ...stage, offset: Math.floor(a * 40), limit: Math.floor(b * 100) },
          { type: 'stageSummary', ...stage },
          { type: 'stageExecutors', ...stage },
        );
      }
      for (const answer of [whole, ...queries.map((query) => answerQuery(state, query, now))]) {
        const packed: PackedAnswer = sent(packAnswer(answer));
        expect(unpackAnswer(packed)).toEqual(sent(answer));
        const size = JSON.stringify(answer).length;
        if (size > 10_000) expect(JSON.stringify(packed).length).toBeLessThan(size);
      }
    }),
    { numRuns: 60 },
  );
});

test('records of any fields come back, whichever of them have which', () => {
  const value = fc.oneof(
    fc.constantFrom(undefined, null, true, 'same', 7),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string(),
    fc.array(fc.integer()),
    fc.dictionary(fc.constantFrom('x', 'y'), fc.option(fc.integer(), { nil: undefined })),
  );
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c'), value)), (records) => {
      expect(unpackRecords(sent(packRecords(records)))).toEqual(sent(records));
    }),
  );
});
