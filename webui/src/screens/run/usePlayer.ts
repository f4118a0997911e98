import { useEffect, useRef, useState } from "react";

import type { Entry } from "@/api/types.gen";

/** A pause of the run longer than this is not sat out, whatever the speed. */
const LONGEST = 4;

interface Options {
  readonly entries: readonly Entry[];
  readonly seq: number;
  readonly last: number;
  readonly speed: number;
  readonly go: (seq: number | undefined) => void;
}

/** Plays a run from the event that is looked at, at `speed` times the time it took. */
export function usePlayer({ entries, seq, last, speed, go }: Options): { playing: boolean; toggle: () => void } {
  const [playing, setPlaying] = useState(false);
  const place = useRef(seq);
  place.current = seq;
  useEffect(() => {
    if (!playing) return undefined;
    let before = performance.now();
    let spent = 0;
    let frame = requestAnimationFrame(function step(now) {
      spent += ((now - before) / 1000) * speed;
      before = now;
      let index = place.current;
      while (index < entries.length) {
        const wait = Math.min(LONGEST, (entries[index]?.at ?? 0) - (entries[index - 1]?.at ?? 0));
        if (wait > spent) break;
        spent -= Math.max(0, wait);
        index += 1;
      }
      if (index !== place.current) go(index >= entries.length ? undefined : index);
      if (index >= entries.length) setPlaying(false);
      else frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, entries, go]);
  const toggle = () => {
    if (!playing && seq >= last) go(1);
    setPlaying(!playing);
  };
  return { playing, toggle };
}
