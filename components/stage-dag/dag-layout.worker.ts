/** Lays out stage graphs away from the page's thread. */
import { layoutDag } from './dag-layout.ts';
import type { LayoutRequest } from './layered-layout.ts';

self.addEventListener('message', ({ data }: MessageEvent<{ id: number; request: LayoutRequest }>) => {
  self.postMessage({ id: data.id, layout: layoutDag(data.request) });
});
