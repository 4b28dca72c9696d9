'use client';
/** The keys of the stage graph: walk, jump by number, open, zoom, pan. */
import { type KeyboardEvent, useRef } from 'react';
import type { DagGraph, DagNode } from './dag-graph.ts';
import { moveOf, stageByNumber, walk } from './dag-navigation.ts';
import type { DagLayout } from './layered-layout.ts';
import type { DagZoom } from './use-dag-zoom.ts';

/** Digits typed within this many milliseconds make one number. */
const TYPING = 900;
const PAN = 60;

const PANS: Record<string, [x: number, y: number]> = {
  ArrowLeft: [PAN, 0],
  ArrowRight: [-PAN, 0],
  ArrowUp: [0, PAN],
  ArrowDown: [0, -PAN],
};

export interface DagKeys {
  graph: DagGraph;
  layout: DagLayout | undefined;
  focusId: number | undefined;
  zoom: DagZoom;
  onSelect: (node: DagNode) => void;
  onWalk: (id: number) => void;
}

export function useDagKeys({ graph, layout, focusId, zoom, onSelect, onWalk }: DagKeys) {
  const typed = useRef({ digits: '', at: 0 });

  function numbered(event: KeyboardEvent): number | undefined {
    const { digits, at } = typed.current;
    const text = event.timeStamp - at < TYPING ? digits + event.key : event.key;
    typed.current = { digits: text, at: event.timeStamp };
    const single = stageByNumber(
      graph.nodes.map(({ id }) => id),
      text,
    );
    const wanted = Number(text);
    const inGroup = (node: DagNode) => node.group?.members.some(({ stage }) => stage.info.stageId === wanted);
    return single === wanted ? single : (graph.nodes.find(inGroup)?.id ?? single);
  }

  function act(event: KeyboardEvent): boolean {
    const { key } = event;
    if (!layout) return false;
    const pan = event.shiftKey ? PANS[key] : undefined;
    if (pan) zoom.panBy(...pan);
    else if (key === '+' || key === '=') zoom.zoomBy(4 / 3);
    else if (key === '-') zoom.zoomBy(0.75);
    else if (key === '0' && event.timeStamp - typed.current.at >= TYPING) zoom.fitTo(0);
    else if (/^\d$/.test(key)) {
      const id = numbered(event);
      if (id !== undefined) onWalk(id);
    } else if (key === 'Enter' || key === ' ') {
      const node = graph.nodes.find(({ id }) => id === focusId);
      if (node) onSelect(node);
    } else {
      const move = moveOf(key, layout.direction);
      if (!move || focusId === undefined) return false;
      onWalk(walk({ ids: graph.nodes.map(({ id }) => id), edges: graph.edges, layout }, focusId, move));
    }
    return true;
  }

  return (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!act(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
}
