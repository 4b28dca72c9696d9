/** What the drawing of a stage graph refers to: the arrow, the bar's round corners, the hatching of what failed. */
import { NODE_WIDTH } from './dag-graph.ts';

export function StageDagDefs() {
  return (
    <defs>
      <marker
        id="dag-arrow"
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="7"
        markerHeight="7"
        orient="auto"
      >
        <path d="M0 0 8 4 0 8z" fill="var(--line-strong)" />
      </marker>
      {/* As large as the other one, whatever the width of the line. */}
      <marker
        id="dag-arrow-again"
        viewBox="0 0 8 8"
        refX="7"
        refY="4"
        markerWidth="12"
        markerHeight="12"
        markerUnits="userSpaceOnUse"
        orient="auto"
      >
        <path d="M0 0 8 4 0 8z" fill="var(--accent)" />
      </marker>
      <clipPath id="dag-bar">
        <path d={`M0 0h${NODE_WIDTH - 2}v0q0 7 -7 7H7q-7 0 -7 -7z`} />
      </clipPath>
      <pattern
        id="dag-hatch"
        width="4"
        height="4"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <rect width="4" height="4" fill="var(--bad)" />
        <path d="M0 0v4" stroke="var(--surface)" strokeWidth="2" />
      </pattern>
      <pattern
        id="dag-stripes"
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <path d="M0 0v6" stroke="var(--skip)" strokeWidth="1" strokeOpacity="0.25" />
      </pattern>
    </defs>
  );
}
