'use client';
/** The part of the page that files can be dropped on; says so while they hover over it. */
import { type DragEvent, type ReactNode, useRef, useState } from 'react';

const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');

/** Dropped folders are not read: their entries come as files without content. */
function filesOf({ dataTransfer }: DragEvent): { files: File[]; folders: number } {
  const items = [...dataTransfer.items].filter(({ kind }) => kind === 'file');
  const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry?.()?.isDirectory === true;
  const files = items.flatMap((item) => (isFolder(item) ? [] : (item.getAsFile() ?? [])));
  return { files, folders: items.filter(isFolder).length };
}

export interface DropZoneProps {
  label: string;
  onFiles: (files: File[], folders: number) => void;
  children: ReactNode;
}

export function DropZone({ label, onFiles, children }: DropZoneProps) {
  const [over, setOver] = useState(false);
  /** Each child entered fires once more; the last one left ends it. */
  const depth = useRef(0);
  const step = (event: DragEvent, by: number) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth.current = Math.max(0, depth.current + by);
    setOver(depth.current > 0);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the Upload button does the same by keyboard
    <div
      className="relative flex-1"
      onDragEnter={(event) => step(event, 1)}
      onDragLeave={(event) => step(event, -1)}
      onDragOver={(event) => step(event, 0)}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        depth.current = 0;
        setOver(false);
        const { files, folders } = filesOf(event);
        onFiles(files, folders);
      }}
    >
      {children}
      {over && (
        <div className="pointer-events-none absolute inset-2 z-20 flex items-center justify-center rounded-lg border-2 border-accent border-dashed bg-accent-soft/80 font-semibold text-lg">
          {label}
        </div>
      )}
    </div>
  );
}
