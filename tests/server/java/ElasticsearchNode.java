import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;

/**
 * One node of Elasticsearch, for tests: on this machine only, without a login.
 * It has no module but that for HTTP: neither _reindex nor GET /.
 *
 * usage: ElasticsearchNode HOME PORT OWNER, which is the process it ends with
 */
public final class ElasticsearchNode {
	private ElasticsearchNode()
	{
	}

	public static void main(String[] args) throws Exception
	{
		Path home = Path.of(args[0]).toAbsolutePath();
		Settings settings = Settings.builder()
		    .put("path.home", home.toString())
		    .put("path.data", home.resolve("data").toString())
		    .put("path.logs", home.resolve("logs").toString())
		    .put("cluster.name", "memkit-test")
		    .put("node.name", "one")
		    .put("network.host", "127.0.0.1")
		    .put("http.port", args[1])
		    .put("transport.port", "0")
		    .put("discovery.type", "single-node")
		    .put("cluster.routing.allocation.disk.threshold_enabled",
			false)
		    .build();

		for (String s : List.of("config", "data", "logs", "plugins"))
			Files.createDirectories(home.resolve(s));
		LogConfigurator.configureESLogging();
		Node node = new Node(new Environment(settings,
		    home.resolve("config")));
		node.start();
		Owner.outlives(args[2], node::close);
	}
}
