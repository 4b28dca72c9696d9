/** Thrown for a value that cannot travel; whoever has the rows finds out which. */
export class Unserializable extends Error {}
