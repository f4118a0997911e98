export default function Compare(_: { a: string; b: string }) { return null; }
