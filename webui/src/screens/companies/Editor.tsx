export default function Editor(_: { kind: string; name: string }) { return null; }
