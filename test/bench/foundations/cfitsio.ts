// The peer in C: cfitsio as its manual uses it, compiled when a bench asks for it.
import { writeFileSync } from 'node:fs';
import type { Surroundings } from '../../accuracy/surroundings.js';

const SOURCE = `
#include <fitsio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }
int main(int argc, char **argv) { /* read|write|pack side file...: milliseconds per file of the second of two passes; the pixels are noise */
  int status = 0, anynul; unsigned seed = 1; long side = atol(argv[2]), shape[2] = {side, side}, n = side * side; fitsfile *f; char name[4096];
  float *a = malloc(n * sizeof *a); double start = 0;
  for (long i = 0; i < n; i++) for (int k = a[i] = 0; k < 4; k++) a[i] += (seed = seed * 1664525u + 1013904223u) / 4294967296.f * 50;
  for (int pass = 0; pass < 2; pass++) {
    if (strcmp(argv[1], "read")) for (int i = 3; i < argc; i++) remove(argv[i]);
    start = now();
    for (int i = 3; i < argc; i++)
      if (!strcmp(argv[1], "read")) {
        fits_open_image(&f, argv[i], READONLY, &status);
        fits_read_img(f, TFLOAT, 1, n, NULL, a, &anynul, &status); fits_close_file(f, &status);
      } else {
        snprintf(name, sizeof name, "!%s", argv[i]); fits_create_file(&f, name, &status);
        if (!strcmp(argv[1], "pack")) fits_set_compression_type(f, RICE_1, &status);
        fits_create_img(f, FLOAT_IMG, 2, shape, &status); fits_write_img(f, TFLOAT, 1, n, a, &status); fits_close_file(f, &status);
      } }
  if (status) { fits_report_error(stderr, status); return 1; }
  printf("%f\\n", (now() - start) / (argc - 3)); return 0; }
`;

const built = new WeakMap<Surroundings, Promise<string>>();

async function build(around: Surroundings): Promise<string> {
  const source = around.scratch('peer.c');
  const program = around.scratch('peer');
  writeFileSync(source, SOURCE);
  await around.run('cc', ['-O2', '-o', program, source, '-lcfitsio']);
  return program;
}

/** Milliseconds per file that cfitsio takes for `work` on images of `side` x `side`. */
export async function cfitsioMs(
  around: Surroundings,
  work: 'read' | 'write' | 'pack',
  side: number,
  files: readonly string[],
): Promise<number> {
  let program = built.get(around);
  if (!program) built.set(around, (program = build(around)));
  return Number((await around.run(await program, [work, String(side), ...files])).toString());
}
