// %% [markdown] id="fl-intro"
// # Flights: joins and a sort
//
// Flights of 2001 joined with their airports, three ways, and 200,000 delays put in order. The data is the npm
// package [vega-datasets](https://github.com/vega/vega-datasets). If the next cell cannot find it, run
// `npm install vega-datasets` in the folder of this notebook, and then the cell again.

// %% id="fl-read"
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const data = new URL('../data/', import.meta.resolve('vega-datasets'));
const readJson = async (name: string) =>
  JSON.parse(await readFile(new URL(name, data), 'utf8'));

interface Flight {
  origin: string;
  destination: string;
  delay: number;
}
const flights = sc.parallelize<Flight>(await readJson('flights-20k.json'), 4);

interface Airport {
  name: string;
  state: string;
}
const airports = sc
  .textFile(fileURLToPath(new URL('airports.csv', data)), 2)
  .filter((line) => !line.startsWith('iata,'))
  .map((line): [string, Airport] => {
    const fields = line.match(/"(""|[^"])*"|[^,]+/g) ?? [];
    const plain = fields.map((field) => field.replace(/^"|"$/g, ''));
    const [iata = '', name = '', , state = ''] = plain;
    return [iata, { name, state }];
  });
console.log(`${await flights.count()} flights, ${await airports.count()} airports`);

// %% [markdown] id="fl-join-text"
// ## Join, three ways
//
// In which states do flights leave latest? A flight knows its airport, and only the airport knows its
// state. `join` brings both sides together by airport: **two** arrows lead to the stage that joins, and every
// flight travels. By itself the engine would measure that the airports are few and send them to every executor
// instead: the first line of the cell turns that off. Take it out and run the cell again.

// %% id="fl-join"
sc.setAdaptive({ autoBroadcastJoinThreshold: 0 });

interface Delays {
  flights: number;
  minutes: number;
}
const add = (a: Delays, b: Delays): Delays => ({
  flights: a.flights + b.flights,
  minutes: a.minutes + b.minutes,
});
const mean = ({ flights, minutes }: Delays) => Number((minutes / flights).toFixed(2));
const latest = (states: [string, Delays][]) =>
  states
    .filter(([, { flights }]) => flights >= 200)
    .map(([state, sum]) => ({ state, flights: sum.flights, 'mean delay': mean(sum) }))
    .sort((a, b) => b['mean delay'] - a['mean delay'])
    .slice(0, 8);

const byAirport = flights.map(({ origin, delay }): [string, Delays] => [
  origin,
  { flights: 1, minutes: delay },
]);
const joined = await byAirport
  .join(airports)
  .map(([, [delays, { state }]]): [string, Delays] => [state, delays])
  .reduceByKey(add)
  .collect();
latest(joined);

// %% [markdown] id="fl-reduce-text"
// Add up first, join then. One row per airport and task travels now, instead of one per flight, and the
// sums are already partitioned by airport: the join itself moves only the airports.

// %% id="fl-reduce"
const same = (states: [string, Delays][]) =>
  JSON.stringify(latest(states)) === JSON.stringify(latest(joined));

const reduced = await byAirport
  .reduceByKey(add)
  .join(airports)
  .map(([, [delays, { state }]]): [string, Delays] => [state, delays])
  .reduceByKey(add)
  .collect();
console.log(`same answer: ${same(reduced)}`);

// %% [markdown] id="fl-map-text"
// A side that fits into memory needs no shuffle at all: collect it, and let the function capture the map. Each executor
// gets a copy, and two stages remain.

// %% id="fl-map"
const stateOf = await airports.mapValues(({ state }) => state).collectAsMap();
const lookedUp = await byAirport
  .map(([airport, delays]): [string, Delays] => [stateOf.get(airport) ?? '?', delays])
  .reduceByKey(add)
  .collect();
console.log(`same answer: ${same(lookedUp)}`);

// %% [markdown] id="fl-outer-text"
// And what has no partner? `subtractByKey` keeps the airports nobody departed from.

// %% id="fl-outer"
const unused = airports.subtractByKey(byAirport);
console.log(`${await unused.count()} airports without a departure, for example:`);
await unused
  .map(([iata, airport]) => ({ iata, ...airport }))
  .takeOrdered(4, (a, b) => (a.iata < b.iata ? -1 : 1));

// %% [markdown] id="fl-sort-text"
// ## Sort
//
// 200,000 delays in order, over eight partitions. A first job takes a sample of them and cuts their range into
// eight pieces of about equal size; then every row travels once, to its piece. `zipWithIndex` counts the pieces in another
// job, and numbers the rows: a percentile is the row of a known number.

// %% id="fl-sort"
interface Departure {
  /** In hours since midnight. */
  time: number;
  delay: number;
}
const departures = sc.parallelize<Departure>(await readJson('flights-200k.json'), 8);
const last = (await departures.count()) - 1;
const rowOf = (percentile: number) => Math.floor((percentile / 100) * last);
const wanted = new Map([1, 25, 50, 75, 90, 99].map((each) => [rowOf(each), each]));

const percentiles = await departures
  .map(({ delay }) => delay)
  .sortBy((delay) => delay)
  .zipWithIndex()
  .filter(([, position]) => wanted.has(position))
  .collect();
percentiles.map(([late, at]) => ({ percentile: wanted.get(at), 'minutes late': late }));

// %% [markdown] id="fl-hours-text"
// Delays add up over the day, and the few flights after midnight are those of the evening before. `plot` takes rows or
// a dataset; of a dataset it collects what it draws, not the rows.

// %% id="fl-hours"
const hours = await departures
  .map(({ time, delay }): [number, Delays] => [
    Math.floor(time),
    { flights: 1, minutes: delay },
  ])
  .reduceByKey(add, 4)
  .sortByKey()
  .collect();
const byHour = hours.map(([hour, delays]) => ({
  hour,
  flights: delays.flights,
  'mean delay': mean(delays),
}));
plot(byHour, { mark: 'bar', x: 'hour', y: 'mean delay', sort: 'none' });
byHour;

// %% [markdown] id="fl-more"
// More, and what to try: `docs/guide/flights.md`.
