export const HELP = `hostpulse: host metrics to poll and to subscribe to

  hostpulse [serve]    run the agent (default)
  hostpulse config     show every configuration value and where it comes from
  hostpulse health     ask the running agent whether it is well; exit code 0 or 1

Options
  --config FILE        YAML or JSON file; default: HOSTPULSE_CONFIG, or
                       config/hostpulse.yaml where present
  --host ADDRESS       address to listen on (network.host)
  --port PORT          port to listen on (network.port)
  --plugins PLACE      directory with plugins of yours, or npm package; may be
                       given several times (paths.plugins)
  --watch              load and reload plugins as their files change (paths.watch)
  --log-level LEVEL    trace, debug, info, warn, error, fatal or silent (log.level)
  --help, --version

While it runs, on another terminal
  curl http://127.0.0.1:9192/netinfo
  curl -N -H 'accept: text/event-stream' 'http://127.0.0.1:9192/netinfo?interval=500ms'

Every key can also be set in the environment: network.port is HOSTPULSE_NETWORK_PORT.

For authors of plugins (the guide is docs/plugins.md)
  hostpulse new NAME [--dir DIR]
                       write a commented plugin and its test; DIR: ./plugins
  hostpulse check PLUGIN [--set KEY=VALUE]... [--query NAME=VALUE]... [--seconds N]
                       run the life of a plugin once and say what is wrong with it;
                       PLUGIN: a file, directory, npm package or built-in plugin,
                       --set: a parameter, --query: a variable of its GETs and
                       subscriptions, --seconds: how long to listen (3);
                       exit code 0: nothing, 1: something, 2: not understood
  hostpulse test [FILE or DIR]...
                       run tests of plugins (*.test.ts, *.test.js); default: .

  hostpulse new queue
  hostpulse --plugins ./plugins --watch
  hostpulse check plugins/queue.ts --set directory=/var/spool --query suffix=.log
  hostpulse test plugins
`;
