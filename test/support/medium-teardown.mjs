import { rmSync } from 'node:fs';

export default async function tearDown() {
  const { folder, stop } = globalThis.almagestMedium;
  await stop?.();
  rmSync(folder, { recursive: true, force: true });
}
