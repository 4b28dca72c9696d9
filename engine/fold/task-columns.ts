/** The tasks of one stage attempt as growing typed-array columns. */
export interface TaskColumns {
  length: number;
}
