/** Looking into a variable: asked of the kernel while it is idle, refused in words while it is not. */
import { errorFromData, StagelightError } from '../engine/errors.ts';
import type { KernelProcess } from '../engine/kernel/kernel-process.ts';
import type { KernelStatus } from '../engine/protocol.ts';
import type { InspectVariableAnswer, InspectVariableQuery } from '../engine/viewer-protocol.ts';

export async function inspectVariable(
  kernel: KernelProcess | undefined,
  status: KernelStatus,
  { name, path, offset }: InspectVariableQuery,
): Promise<InspectVariableAnswer> {
  if (!kernel || status === 'none' || status === 'dead') {
    throw new StagelightError('NO_KERNEL', 'There is no kernel that holds this value any more', {
      hint: 'Run the cell that defines it.',
    });
  }
  if (status !== 'idle') throw busy();
  const reply = await kernel.inspect({ name, path, offset });
  if (!reply) throw busy();
  if (!reply.ok) throw errorFromData(reply.error);
  return reply.answer;
}

function busy(): StagelightError {
  return new StagelightError('KERNEL_BUSY', 'The kernel is busy: values can be looked into when it is idle', {
    hint: 'Wait for the running cell, or interrupt it.',
  });
}
