/** A run's entries, and its state at any of them. */
import type { Entry } from "@/api/types.gen";

import { Moment } from "./moment";

/** So many events lie between two remembered states: going anywhere applies at most as many. */
export const STRIDE = 200;

export class History {
  readonly entries: Entry[] = [];
  private readonly kept: Moment[] = [new Moment()];
  private readonly latest = new Moment();
  private readonly keys = new Set<string>();

  get last(): number {
    return this.latest.seq;
  }

  /** Take up entries that follow; those known already are passed over. Returns those that were new. */
  append(entries: readonly Entry[]): Entry[] {
    const fresh: Entry[] = [];
    for (const entry of entries) {
      if (entry.seq <= this.latest.seq) continue;
      this.entries.push(entry);
      this.latest.apply(entry);
      this.keys.add(entry.key);
      fresh.push(entry);
      if (this.entries.length % STRIDE === 0) this.kept.push(this.latest.clone());
    }
    return fresh;
  }

  /** Whether an entry with this key is there. */
  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** The state after all entries. */
  now(): Moment {
    return this.latest.clone();
  }

  /** The state after the entry `seq`; before the first one, nothing has happened. */
  at(seq: number): Moment {
    if (seq >= this.last) return this.now();
    const count = this.countTo(seq);
    const from = Math.floor(count / STRIDE);
    const moment = (this.kept[from] ?? new Moment()).clone();
    for (let index = from * STRIDE; index < count; index += 1) {
      const entry = this.entries[index];
      if (entry) moment.apply(entry);
    }
    return moment;
  }

  /** How many entries have a number up to `seq`. */
  private countTo(seq: number): number {
    return upTo(this.entries, seq, (entry) => entry.seq);
  }
}

/** How many of `items`, which are in order, have a number up to `seq`. */
export function upTo<T>(items: readonly T[], seq: number, number: (item: T) => number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle] as T;
    if (number(item) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
