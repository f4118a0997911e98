import type { View } from "./useMoment";

export function Stage(_: { view: View }) {
  return null;
}
