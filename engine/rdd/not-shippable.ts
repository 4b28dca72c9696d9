/** Marks what cannot travel to executors: capturing it in a closure is refused with the noun stored under this key. */
export const notShippable: unique symbol = Symbol.for('stagelight.notShippable');
