// SPDX-License-Identifier: Apache-2.0
// Writes build/csp.txt: the Content-Security-Policy header for the pages, the page's own <meta>
// policy (with the hash of its one inline script) and what only a header can say.
import { readFileSync, writeFileSync } from 'node:fs';

const page = readFileSync('build/index.html', 'utf8');
const policy = /<meta http-equiv="content-security-policy" content="([^"]+)">/.exec(page)?.[1];
if (!policy?.includes("script-src 'self' 'sha256-")) throw new Error('build/index.html has no policy with a hash');
writeFileSync('build/csp.txt', `${policy}; frame-ancestors 'none'\n`);
