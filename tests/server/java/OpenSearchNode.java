import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.opensearch.common.settings.Settings;
import org.opensearch.index.reindex.ReindexPlugin;
import org.opensearch.env.Environment;
import org.opensearch.knn.plugin.KNNPlugin;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.transport.Netty4Plugin;

/**
 * One node of OpenSearch with k-NN and reindexing, for tests: on this machine
 * only, without a login.
 *
 * usage: OpenSearchNode HOME PORT OWNER, which is the process it ends with
 */
public final class OpenSearchNode extends Node {
	private OpenSearchNode(Environment at)
	{
		super(at, List.of(Netty4Plugin.class, KNNPlugin.class,
		    ReindexPlugin.class), false);
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
		    .put("transport.type", "netty4")
		    .put("http.type", "netty4")
		    .put("discovery.type", "single-node")
		    .put("cluster.routing.allocation.disk.threshold_enabled",
			false)
		    .build();

		for (String s : List.of("config", "data", "logs"))
			Files.createDirectories(home.resolve(s));
		Node node = new OpenSearchNode(
		    InternalSettingsPreparer.prepareEnvironment(settings,
		    Collections.emptyMap(), home.resolve("config"),
		    () -> "one"));
		node.start();
		Owner.outlives(args[2], node::close);
	}
}
