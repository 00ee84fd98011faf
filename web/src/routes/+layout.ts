// SPDX-License-Identifier: Apache-2.0
// Pages are drawn in the browser; nothing of ours but the API runs on the server.
export const ssr = false;
export const prerender = false;
