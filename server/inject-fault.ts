/** Breaking something on purpose: asked of the kernel, which answers when it is done or names why it is not. */
import { errorToData, StagelightError } from '../engine/errors.ts';
import type { KernelProcess } from '../engine/kernel/kernel-process.ts';
import type { FaultOrder } from '../engine/kernel/messages.ts';
import type { KernelStatus } from '../engine/protocol.ts';
import type { CommandReply } from '../engine/viewer-protocol.ts';

export async function injectFault(
  kernel: KernelProcess | undefined,
  status: KernelStatus,
  order: FaultOrder,
): Promise<CommandReply> {
  if (!kernel || status === 'none' || status === 'dead') {
    return refused(
      'NO_KERNEL',
      'There is no kernel, so nothing runs that could be broken',
      'Run a cell first.',
    );
  }
  const answer = await kernel.fault(order);
  return (
    answer ??
    refused(
      'KERNEL_SILENT',
      'The kernel did not answer: whether it was done is not known',
      'Look at the panel.',
    )
  );
}

function refused(code: string, message: string, hint: string): CommandReply {
  return { ok: false, error: errorToData(new StagelightError(code, message, { hint })) };
}
