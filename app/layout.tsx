/** The frame of every page: fonts, the theme before the first paint, a second try where parts are missing, the socket. */
import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { SocketProvider } from '../components/session/socket-context.tsx';
import { themeScript } from '../components/theme/theme-script.ts';
import { loadAgainScript } from '../components/ui/load-again-script.ts';
import './globals.css';

export const metadata: Metadata = {
  title: { default: 'Stagelight', template: '%s · Stagelight' },
  description:
    'A TypeScript notebook with a stage execution engine: watch every stage and every partition run.',
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#1b1a16' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const html = `${themeScript};${loadAgainScript}`;
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: constants of ours, and they must run before the first paint */}
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: html }} />
      </head>
      <body>
        <SocketProvider>{children}</SocketProvider>
      </body>
    </html>
  );
}
