/** The server without its pages, in a process of its own whose CPU time can be told: sockets, notebooks, kernels. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Access, makeToken } from '../../server/auth.ts';
import { type Gateway, startGateway } from '../../server/gateway.ts';
import { NotebookFiles } from '../../server/notebook-files.ts';
import { Notebooks } from '../../server/notebooks.ts';
import { RichOutputs } from '../../server/rich-outputs.ts';

const root = process.argv[2]!;
const token = makeToken();
const http = createServer();
await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
const { port } = http.address() as AddressInfo;
let gateway: Gateway | undefined;
const notebooks = new Notebooks({
  files: new NotebookFiles(root, root),
  outputs: new RichOutputs(),
  options: { executors: 2, executorMemory: 5e8, maxKernels: 1, idleKernel: 1e9, historyMax: 1e9 },
  broadcast: (path, batch) => gateway?.broadcast(path, batch),
});
gateway = startGateway(http, new Access({ token, port, host: '127.0.0.1', secure: false }), notebooks);
process.on('message', async () => {
  await notebooks.close();
  process.exit(0);
});
process.send!({ port, token });
