/** Who may talk to the server: the token, the cookie it becomes, and the Host and Origin allow-lists. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** 256 random bits, in hex: the only secret of the server. */
export function makeToken(): string {
  return randomBytes(32).toString('hex');
}

/** Compares without telling, by time, how much of the candidate was right. */
function sameSecret(candidate: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(candidate), digest(secret));
}

function cookieValues(header: string | undefined, name: string): string[] {
  if (!header) return [];
  return header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
}

export type AccessDenial = { status: 401 | 403; message: string };

export interface AccessOptions {
  token: string;
  port: number;
  /** The address listened on; a name or address other than loopback is added to the allowed hosts. */
  host: string;
  secure: boolean;
}

/** Decides on a request by its headers alone; used for every HTTP request and every socket handshake. */
export class Access {
  readonly cookieName: string;
  readonly #options: AccessOptions;
  readonly #hosts: Set<string>;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.cookieName = `stagelight-${options.port}`;
    const names = ['localhost', '127.0.0.1', '[::1]'];
    const { host } = options;
    if (host !== '0.0.0.0' && host !== '::') names.push(host.includes(':') ? `[${host}]` : host);
    this.#hosts = new Set();
    for (const name of names) this.allowHost(name);
  }

  /** Adds a name by which this machine is known (`--host 0.0.0.0` listens on all of them). */
  allowHost(name: string): void {
    const { port, secure } = this.#options;
    this.#hosts.add(`${name.toLowerCase()}:${port}`);
    // Browsers leave out the port that the scheme implies.
    if (port === (secure ? 443 : 80)) this.#hosts.add(name.toLowerCase());
  }

  isToken(candidate: string | null | undefined): boolean {
    return typeof candidate === 'string' && sameSecret(candidate, this.#options.token);
  }

  /** The Set-Cookie value that a request with the right token gets. */
  cookie(): string {
    const secure = this.#options.secure ? '; Secure' : '';
    return `${this.cookieName}=${this.#options.token}; Path=/; HttpOnly; SameSite=Strict${secure}`;
  }

  isAuthenticated(headers: IncomingHttpHeaders): boolean {
    return cookieValues(headers.cookie, this.cookieName).some((value) => this.isToken(value));
  }

  /** DNS rebinding and cross-site requests end here, before any handler. */
  checkOrigin(headers: IncomingHttpHeaders, kind: 'page' | 'socket'): AccessDenial | undefined {
    const host = headers.host?.toLowerCase();
    if (!host || !this.#hosts.has(host)) {
      return { status: 403, message: 'this server does not answer to that host name' };
    }
    const origin = headers.origin;
    if (origin === undefined) {
      return kind === 'socket' ? { status: 403, message: 'a socket must state its origin' } : undefined;
    }
    const scheme = this.#options.secure ? 'https' : 'http';
    if (origin !== `${scheme}://${host}`)
      return { status: 403, message: 'requests from another origin are refused' };
    return undefined;
  }
}
