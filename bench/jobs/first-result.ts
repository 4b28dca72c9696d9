/** The smallest job of all: what counts is the time of the whole process. */
console.log(await sc.range(0, 100, 1, 2).count());
