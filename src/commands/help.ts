export const HELP = `hostpulse: host metrics to poll and to subscribe to

  hostpulse [serve]    run the agent (default)
  hostpulse config     show every configuration value and where it comes from
  hostpulse health     ask the running agent whether it is well; exit code 0 or 1
  hostpulse watch      follow a topic on the terminal, or as lines of JSON
  hostpulse get PATH   print what the running agent, or another one, answers to a GET

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

For scripts: JSON as the agent says it; set out for reading where it goes to a terminal
  hostpulse get PATH         such as /netinfo/interfaces/lo/rxBytes
    --query NAME=VALUE       a variable; may be given several times
    --url URL                another agent than the configured one; default: HOSTPULSE_URL.
                             It is told the key in HOSTPULSE_AUTH_API_KEY (or _FILE), or
                             that of the file named by --config, and no other
  exit codes                 0: answered; 1: not reached, or broken off; 2: wrong command
                             line; 4, 5: the agent answered 4xx, 5xx, with its words on
                             standard error

To look at: live rates with bars and the last minute; ? shows the keys
  hostpulse watch [TOPIC]    such as cpu, memory, disks, netinfo/events (default: netinfo);
                             to a file or a program, a line of JSON for each value
    --interval TIME          such as 500ms or 2s; default: as the topic has it
    --when CONDITION         tell when it begins to hold, and when it ends
    --lines N                end after N lines
    --query, --url           as above, and so are the exit codes

For authors of plugins; the guide is docs/plugins.md
  hostpulse new NAME         write a commented plugin and its test
    --dir DIR                where (default: ./plugins)
  hostpulse check PLUGIN     run the life of a plugin once, and say what is wrong with it;
                             a file, a directory, an installed npm package or a built-in;
                             exit code 0: nothing, 1: something, 2: not understood
    --set KEY=VALUE          a parameter of the plugin; may be given several times
    --query NAME=VALUE       a variable of its GETs and subscriptions; likewise
    --seconds N              how long to listen to its topics (default: 3)
  hostpulse test [PATH]...   run tests of plugins, *.test.ts and *.test.js (default: .)

  hostpulse new queue
  hostpulse --plugins ./plugins --watch
  hostpulse check plugins/queue.ts --set directory=/var/spool --query suffix=.log
  hostpulse test plugins
`;
