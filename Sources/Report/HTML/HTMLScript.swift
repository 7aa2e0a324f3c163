/// The report's script: sorting, copying, opening everything for print and for a link's target. ASCII only, since a
/// policy's hash is taken over its bytes.
enum HTMLScript {
  static let source = #"""
    (function(){
    "use strict";
    function key(cell){
      var v=cell.getAttribute("data-v");
      if(v!==null&&v!=="null")return parseFloat(v);
      if(v==="null")return null;
      var t=cell.textContent.trim();
      return t===""||t==="\u2013"?null:t.toLowerCase();
    }
    document.querySelectorAll("table").forEach(function(table){
      var body=table.tBodies[0];
      if(!body||body.rows.length<2)return;
      Array.prototype.forEach.call(table.tHead.rows[0].cells,function(head,column){
        var button=document.createElement("button");
        button.type="button";
        while(head.firstChild)button.appendChild(head.firstChild);
        head.appendChild(button);
        button.addEventListener("click",function(){
          var numeric=head.classList.contains("n");
          var now=head.getAttribute("aria-sort");
          var up=now===null?!numeric:now==="descending";
          Array.prototype.forEach.call(head.parentNode.cells,function(c){c.removeAttribute("aria-sort");});
          head.setAttribute("aria-sort",up?"ascending":"descending");
          Array.prototype.slice.call(body.rows).map(function(row,place){
            return{row:row,place:place,key:key(row.cells[column])};
          }).sort(function(a,b){
            if(a.key===null||b.key===null)return(a.key===null)-(b.key===null)||a.place-b.place;
            var order=a.key<b.key?-1:a.key>b.key?1:0;
            return(up?order:-order)||a.place-b.place;
          }).forEach(function(entry){body.appendChild(entry.row);});
        });
      });
    });
    function copy(text,done){
      function old(){
        var area=document.createElement("textarea");
        area.value=text;
        area.setAttribute("readonly","");
        area.className="offscreen";
        document.body.appendChild(area);
        area.select();
        try{if(document.execCommand("copy"))done();}finally{document.body.removeChild(area);}
      }
      if(navigator.clipboard&&navigator.clipboard.writeText)navigator.clipboard.writeText(text).then(done,old);else old();
    }
    document.querySelectorAll("figure.code").forEach(function(figure){
      var button=document.createElement("button");
      button.type="button";
      button.className="copy";
      button.textContent="Copy";
      button.addEventListener("click",function(){
        copy(figure.querySelector("code").textContent,function(){
          button.textContent="Copied";
          setTimeout(function(){button.textContent="Copy";},1500);
        });
      });
      figure.appendChild(button);
    });
    function reveal(){
      var target=location.hash.length>1&&document.getElementById(decodeURIComponent(location.hash.slice(1)));
      for(var e=target;e;e=e.parentElement)if(e.tagName==="DETAILS")e.open=true;
      if(target)target.scrollIntoView();
    }
    window.addEventListener("hashchange",reveal);
    reveal();
    var opened=[];
    window.addEventListener("beforeprint",function(){
      document.querySelectorAll("details:not([open])").forEach(function(d){d.open=true;opened.push(d);});
    });
    window.addEventListener("afterprint",function(){
      opened.forEach(function(d){d.open=false;});
      opened=[];
    });
    })();
    """#
}
