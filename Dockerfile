# hostpulse in a container. How to run it: docs/container.md. How this file is checked: scripts/check-image.
#
#   docker build -t hostpulse --build-arg VERSION=0.1.0 --build-arg REVISION="$(git rev-parse HEAD)" .
ARG NODE_IMAGE=node:22-bookworm-slim

# What the compiler makes of the sources. Maps and types are for developers; nothing reads them at run time.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
COPY templates ./templates
RUN npm run build \
 && find dist \( -name '*.map' -o -name '*.d.ts' \) -delete \
 && chmod -R a+rX,go-w dist templates package.json

# What it needs from the registry, without what only compilers, bundlers, testers and readers look at.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts \
 && find node_modules -type f \( -name '*.map' -o -name '*.umd.min.js' -o -name '*.ts' -o -name '*.cts' -o -name '*.mts' \
      -o \( -name '*.md' ! -iname '*licen[cs]e*' \) \) -delete \
 && find node_modules -type d \( -path '*/rxjs/src' -o -path '*/rxjs/dist/esm' -o -path '*/rxjs/dist/esm5' -o -path 'node_modules/@types' \
      -o -name test -o -name benchmark -o -name benchmarks -o -name .github \) -prune -exec rm -r {} + \
 && rm node_modules/.package-lock.json \
 && find node_modules -type d -empty -delete

FROM ${NODE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/templates ./templates
COPY --from=build /app/dist ./dist

# A number, so that it also holds where nobody is called node, and Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 9192
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s --retries=3 CMD ["node", "dist/main.js", "health"]
# No shell and no npm in between: signals reach the agent itself. The rest is memory: Node's room for what is young grows to
# 48 MB by itself, of which an agent needs little, and so do the arenas of the C library, one for each thread.
ENV MALLOC_ARENA_MAX=1
ENTRYPOINT ["node", "--max-semi-space-size=4", "dist/main.js"]

ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="hostpulse" \
      org.opencontainers.image.description="Event-driven host metrics agent: plugins with a pull API and a push stream on one URL" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
