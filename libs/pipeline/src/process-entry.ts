// The main file of a child process: `node process-entry.js manifest.json`. Reads the inputs, runs the Task, writes the outputs and result.json.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataId } from './dimensions.js';
import { type ManifestFile, type ManifestResult, type TaskManifest, connectionsOf } from './process-runtime.js';
import { describeFailure, inThread } from './quantum-run.js';
import { loadTaskModules } from './task-modules.js';

async function main(path: string): Promise<void> {
  const manifest = JSON.parse(await readFile(path, 'utf8')) as TaskManifest;
  const registered = (await loadTaskModules(manifest.modules)).get(manifest.task.name, manifest.task.version);
  const inputs: Record<string, unknown> = {};
  for (const [name, { multiplicity, storageClass }] of Object.entries(connectionsOf(registered.task.inputs))) {
    const files = manifest.inputs[name] ?? [];
    const handles = files.map(({ dataId, path: file }) => ({
      dataId,
      get: async () => storageClass.decode(await readFile(file)),
    }));
    if (multiplicity === 'deferredMany') inputs[name] = handles;
    else if (multiplicity === 'many') {
      const list: { dataId: DataId; value: unknown }[] = [];
      for (const { dataId, get } of handles) list.push({ dataId, value: await get() });
      inputs[name] = list;
    } else inputs[name] = await handles[0]?.get();
  }
  const called = await inThread.run({ registered, config: manifest.config, dataId: manifest.dataId, inputs }, {});
  const outputs: Record<string, readonly ManifestFile[]> = {};
  for (const [name, { multiplicity, storageClass }] of Object.entries(connectionsOf(registered.task.outputs))) {
    const value = called.outputs[name];
    const list =
      multiplicity === 'many'
        ? ((value ?? []) as { dataId: DataId; value: unknown }[])
        : value === undefined
          ? []
          : [{ dataId: manifest.dataId, value }];
    const files: ManifestFile[] = [];
    for (const [i, item] of list.entries()) {
      const file = join(manifest.outputFolder, `${name}-${i}${storageClass.extension}`);
      await writeFile(file, await storageClass.encode(item.value));
      files.push({ dataId: item.dataId, path: file });
    }
    outputs[name] = files;
  }
  const { metrics, failure } = called;
  const result: ManifestResult = { outputs, metrics, ...(failure !== undefined && { failure }) };
  await writeFile(join(manifest.outputFolder, 'result.json'), JSON.stringify(result));
}

main(process.argv[2]!).catch((error: unknown) => {
  process.stderr.write(describeFailure(error).message);
  process.exitCode = 1;
});
