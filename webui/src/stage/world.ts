/** What the world of a conversation says of its seats, whatever the conversation is about. */

export type World = Readonly<Record<string, unknown>>;
type Names = Readonly<Record<string, unknown>>;

/** Different values of a text field that still make places. */
const FEW = 8;

/** A field that has a value of one kind for each of several seats, and for nothing else. */
export function perSeat(field: unknown, seats: Names, fits: (value: unknown) => boolean): Record<string, unknown> | undefined {
  if (typeof field !== "object" || field === null || Array.isArray(field)) return undefined;
  const values = Object.entries(field);
  return values.length > 0 && values.every(([seat, value]) => Object.hasOwn(seats, seat) && fits(value)) ? (field as Record<string, unknown>) : undefined;
}

/** The field that says where seats are: `place`, or the first that puts them into a few named parts; "" for none. */
export function fieldOfPlaces(world: World, seats: Names): string {
  const texts = Object.entries(world).filter(([, field]) => perSeat(field, seats, (value) => typeof value === "string" && value !== ""));
  const parted = texts.filter(([, field]) => {
    const count = new Set(Object.values(field as object)).size;
    return count > 1 && count <= FEW;
  });
  return (texts.find(([name]) => name === "place") ?? parted[0])?.[0] ?? "";
}

/** Fields that say nothing of single seats, and are not empty. */
export function shared(world: World, seats: Names): World {
  const own = (field: unknown) => perSeat(field, seats, () => true) !== undefined;
  return Object.fromEntries(Object.entries(world).filter(([, field]) => !own(field)));
}
