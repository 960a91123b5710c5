# Tidemark's command line; runs a worker by default. glibc, since Temporal's native core needs it.
FROM node:22-bookworm-slim AS build
WORKDIR /tidemark
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev

FROM node:22-bookworm-slim
WORKDIR /config
COPY --from=build /tidemark/package.json /tidemark/package.json
COPY --from=build /tidemark/node_modules /tidemark/node_modules
COPY --from=build /tidemark/dist /tidemark/dist
USER node
ENTRYPOINT ["node", "/tidemark/dist/cli.js"]
CMD ["worker"]
