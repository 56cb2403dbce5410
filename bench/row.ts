/** One figure beside its limit or its peer, of the same run on the same machine. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly beside: number;
  readonly ratio: number;
}
