/** What a browser without the token is shown: the one thing to do, in the page's own colours, with nothing to load. */

const STYLE = `
  :root { color-scheme: light dark; --bg: #faf9f7; --surface: #fff; --line: #e3dfd8; --ink: #1d1b18; --ink-2: #57514a; --accent: #a85508; }
  @media (prefers-color-scheme: dark) {
    :root { --bg: #14130f; --surface: #1b1a16; --line: #34312a; --ink: #f1ede4; --ink-2: #b9b2a5; --accent: #f3a73b; }
  }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--bg); color: var(--ink); font: 14px/20px system-ui, sans-serif; }
  main { box-sizing: border-box; width: min(30rem, 100vw - 32px); padding: 24px; border: 1px solid var(--line); border-top: 3px solid var(--accent); border-radius: 8px; background: var(--surface); }
  h1 { margin: 0 0 8px; font-size: 20px; line-height: 28px; }
  p { margin: 8px 0 0; color: var(--ink-2); }
  code { font: 12px/20px ui-monospace, monospace; color: var(--ink); white-space: nowrap; }`;

/** For programs, and for whoever asks for no HTML. */
export const SIGN_IN_TEXT = `Stagelight: this page needs the server's token.
Open the address that the server printed when it started (it ends in ?token=…).`;

export const SIGN_IN_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

export const SIGN_IN_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stagelight: sign in</title>
<style>${STYLE}
</style>
</head>
<body>
<main>
<h1>This page needs the server's token</h1>
<p>Open the address that the server printed when it started, in this browser. It ends in <code>?token=…</code></p>
<p>Whoever has that address can run code as the user who started the server: keep it to yourself.</p>
</main>
</body>
</html>
`;
