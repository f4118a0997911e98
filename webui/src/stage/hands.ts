/** Raised hands. */
import type { LineSaid } from "@/api/types.gen";

import type { World } from "./world";

export class Hands {
  /** Seat: the field of the world that lists it; "" when none does. */
  private readonly up = new Map<string, string>();

  has(seat: string): boolean {
    return this.up.has(seat);
  }

  get seats(): readonly string[] {
    return [...this.up.keys()];
  }

  lower(): void {
    this.up.clear();
  }

  /** A hand is up until the world no longer lists it; where no list is kept, until its seat acts or one is called on. */
  follow({ seat, action, changes = {} }: LineSaid, world: World): void {
    for (const [raised, field] of this.up) {
      const listed = field ? includes(world[field], raised) : raised !== seat && action !== "call_on";
      if (!listed) this.up.delete(raised);
    }
    if (action !== "raise_hand") return;
    this.up.set(seat, Object.entries(changes).find(([, value]) => includes(value, seat))?.[0] ?? "");
  }
}

function includes(list: unknown, seat: string): boolean {
  return Array.isArray(list) && list.includes(seat);
}
