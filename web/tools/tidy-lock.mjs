// SPDX-License-Identifier: Apache-2.0
// After a change of packages (`npm install --ignore-scripts && npm run lock`): takes `engines` out of
// the lock's optional packages.  What runs is our own Node 22, but npm judges by the Node that it
// runs on itself, and on Debian's it would silently leave out every binary that asks for more.
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const entry of Object.values(lock.packages)) if (entry.optional) delete entry.engines;
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, '\t')}\n`);
